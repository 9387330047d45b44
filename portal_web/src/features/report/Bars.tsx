import styles from './Figures.module.css';
import { scaleOf } from './scale';

export interface ChartProps {
  points: readonly { label: string; value: number; written: string }[];
  written: (value: number) => string;
}

/** A few values as bars with their names before and their numbers behind them. The table beside it says the same. */
export function Bars({ points }: ChartProps) {
  const scale = scaleOf(points.map(({ value }) => value));
  const zero = scale.at(0);
  return (
    <div className={styles['bars']} aria-hidden="true">
      {points.map(({ label, value, written }) => {
        const end = scale.at(value);
        return (
          <div key={label}>
            <span className={styles['name']}>{label}</span>
            <svg width="100%" height="18">
              <rect
                x={`${Math.min(zero, end) * 100}%`}
                width={`${Math.max(Math.abs(end - zero) * 100, 0.4)}%`}
                y="2"
                height="14"
                data-below={value < 0}
              />
              <line x1={`${zero * 100}%`} x2={`${zero * 100}%`} y1="0" y2="18" />
            </svg>
            <span className={styles['value']}>{written}</span>
          </div>
        );
      })}
    </div>
  );
}
