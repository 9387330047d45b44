import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl';

import { plan, type Located, type Mark, type Plan } from './plan';
import styles from './SitePlan.module.css';

const HEIGHT = 340;

/** The sites on a plan, as a surveyor would draw it: no streets, but where they lie to each other. */
export function SitePlan({ sites }: { sites: readonly Located[] }) {
  const intl = useIntl();
  const { ref, width } = useElementSize();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const nearer = sites.filter(({ id }) => chosen.includes(id));
  const shown = nearer.length > 1 ? nearer : sites;
  const drawn = width > 0 && shown.length > 0 ? plan(shown, width, HEIGHT) : undefined;
  return (
    <div className={styles['plan']} ref={ref} role="group" aria-label={intl.formatMessage({ id: 'sites.plan' })}>
      {drawn && <Sheet of={drawn} width={width} />}
      {drawn?.marks.map((mark) => (
        <SiteMark key={mark.sites[0].id} mark={mark} onNearer={setChosen} />
      ))}
      {nearer.length > 1 && (
        <Button className={styles['all']} variant="default" size="xs" onClick={() => setChosen([])}>
          <FormattedMessage id="sites.plan.all" />
        </Button>
      )}
    </div>
  );
}

function SiteMark({ mark, onNearer }: { mark: Mark<Located>; onNearer: (ids: string[]) => void }) {
  const [site] = mark.sites;
  const place = { left: mark.x, top: mark.y };
  if (mark.sites.length > 1) {
    return (
      <button
        type="button"
        className={styles['many']}
        style={place}
        onClick={() => onNearer(mark.sites.map(({ id }) => id))}
      >
        {mark.sites.length}
        <span className="visually-hidden">
          <FormattedMessage id="sites.plan.together" values={{ names: mark.sites.map(({ name }) => name).join(', ') }} />
        </span>
      </button>
    );
  }
  return (
    <Link to="/sites/$id" params={{ id: site.id }} className={styles['one']} style={place} data-label={mark.label}>
      <span>{site.name}</span>
    </Link>
  );
}

/** Grid and scale; what they say is of no use without the drawing. */
function Sheet({ of, width }: { of: Plan<Located>; width: number }) {
  const { pixels, kilometres } = of.scale;
  const [left, base] = [20, HEIGHT - 22];
  return (
    <svg aria-hidden="true" width={width} height={HEIGHT} className={styles['sheet']}>
      <g className={styles['grid']}>
        {of.meridians.map(({ x, degrees }) => (
          <path key={degrees} d={`M${x} 0V${HEIGHT}`} />
        ))}
        {of.parallels.map(({ y, degrees }) => (
          <path key={degrees} d={`M0 ${y}H${width}`} />
        ))}
      </g>
      <path className={styles['scale']} d={`M${left} ${base}H${left + pixels}M${left} ${base - 4}v8M${left + pixels} ${base - 4}v8`} />
      <text x={left + pixels + 8} y={base + 4}>
        <FormattedNumber value={kilometres} style="unit" unit="kilometer" maximumFractionDigits={1} />
      </text>
    </svg>
  );
}
