import { useMemo } from 'react';

import styles from './factor.module.css';

/** Draws a QR picture anew from its lines: markup that came from elsewhere is not put into the page. */
export function QrPicture({ svg }: { svg: string }) {
  const drawn = useMemo(() => linesOf(svg), [svg]);
  return (
    <svg aria-hidden="true" className={styles['picture']} viewBox={drawn.viewBox} shapeRendering="crispEdges">
      {drawn.lines.map(({ d, transform }) => (
        <path key={d} d={d} transform={transform} stroke="#000" fill="none" />
      ))}
    </svg>
  );
}

function linesOf(svg: string) {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const size = (name: string) => Number.parseFloat(root.getAttribute(name) ?? '') || 100;
  const lines = [...root.querySelectorAll('path')].filter((path) => path.hasAttribute('stroke'));
  return {
    viewBox: root.getAttribute('viewBox') ?? `0 0 ${size('width')} ${size('height')}`,
    lines: lines.map((path) => ({ d: path.getAttribute('d') ?? '', transform: path.getAttribute('transform') ?? '' })),
  };
}
