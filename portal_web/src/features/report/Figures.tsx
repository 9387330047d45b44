import { FormattedMessage, useIntl } from 'react-intl';

import { Bars } from './Bars';
import { Columns } from './Columns';
import styles from './Figures.module.css';

export interface Figure {
  title: string;
  unit: string | null;
  points: readonly { label: string; value: string }[];
}

/** Up to here names and values have room beside their bars. */
const BARS = 7;

/** The figures of a report, drawn, and as a table for whoever wants the numbers. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <div className={styles['figures']}>
      {figures.map((figure) => (
        <Drawn key={figure.title} figure={figure} />
      ))}
    </div>
  );
}

function Drawn({ figure }: { figure: Figure }) {
  const intl = useIntl();
  const written = (value: number) => intl.formatNumber(value, { maximumFractionDigits: 2 });
  const points = figure.points.map(({ label, value }) => ({ label, value: Number(value), written: written(Number(value)) }));
  const Chart = points.length <= BARS ? Bars : Columns;
  return (
    <figure className={styles['figure']}>
      <figcaption>
        {figure.title}
        {figure.unit && <span className={styles['unit']}>{figure.unit}</span>}
      </figcaption>
      <Chart points={points} written={written} />
      <details>
        <summary>
          <FormattedMessage id="figure.table" />
        </summary>
        <table>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">
                <FormattedMessage id="figure.label" />
              </th>
              <th scope="col">{figure.unit ?? <FormattedMessage id="figure.value" />}</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr key={point.label}>
                <th scope="row">{point.label}</th>
                <td>{point.written}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
