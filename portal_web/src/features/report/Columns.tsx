import { useElementSize } from '@mantine/hooks';

import type { ChartProps } from './Bars';
import styles from './Figures.module.css';
import { scaleOf } from './scale';

const HEIGHT = 190;
const FOOT = 22;
const TOP = 10;
const LETTER = 6.6;

/** Many values as columns over an axis; every so many have their name below. The table beside it says the same. */
export function Columns({ points, written }: ChartProps) {
  const { ref, width } = useElementSize();
  const scale = scaleOf(points.map(({ value }) => value));
  const left = Math.max(...scale.ticks.map((tick) => written(tick).length)) * LETTER + 10;
  const y = (value: number) => TOP + (1 - scale.at(value)) * (HEIGHT - FOOT - TOP);
  const step = (width - left) / points.length;
  const longest = Math.max(...points.map(({ label }) => label.length)) * LETTER + 10;
  const every = Math.max(1, Math.ceil(longest / step));
  return (
    <div ref={ref} className={styles['columns']} aria-hidden="true">
      {width > 0 && (
        <svg width={width} height={HEIGHT}>
          {scale.ticks.map((tick) => (
            <g key={tick}>
              <line x1={left} x2={width} y1={y(tick)} y2={y(tick)} data-zero={tick === 0} />
              <text x={left - 8} y={y(tick) + 4} textAnchor="end">
                {written(tick)}
              </text>
            </g>
          ))}
          {points.map(({ label, value, written: shown }, index) => (
            <g key={label}>
              <rect
                x={left + index * step + step * 0.14}
                width={step * 0.72}
                y={Math.min(y(0), y(value))}
                height={Math.max(1, Math.abs(y(value) - y(0)))}
                data-below={value < 0}
              >
                <title>{`${label}: ${shown}`}</title>
              </rect>
              {index % every === 0 && (
                <text x={left + (index + 0.5) * step} y={HEIGHT - 5} textAnchor="middle">
                  {label}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}
