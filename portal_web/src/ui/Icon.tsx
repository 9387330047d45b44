const PATHS = {
  home: 'M3 9.5 10 4l7 5.5M5 10.5V16h10v-5.5M8.5 16v-4h3v4',
  report: 'M5.5 3h6l3 3v11h-9zM11.5 3v3h3M8 10h4.5M8 13h4.5',
  job: 'M4 5.5h12V16H4zM4 8.8h12M7.2 3.6v3M12.8 3.6v3M7.4 12.4l1.8 1.7 3.4-3.4',
  person: 'M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6M4.5 16.5c.6-2.6 2.7-4 5.5-4s4.9 1.4 5.5 4',
  people: 'M7.5 9.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2M2.5 16c.5-2.7 2.4-4.2 5-4.2s4.5 1.5 5 4.2M12.6 4.6a2.5 2.5 0 0 1 0 4.7M14.4 12.2c1.7.5 2.8 1.8 3.1 3.8',
  bell: 'M5 14h10l-1.2-2V8.6a3.8 3.8 0 0 0-7.6 0V12zM8.6 16.4a1.5 1.5 0 0 0 2.8 0M10 4.8V3.4',
  plus: 'M10 4.5v11M4.5 10h11',
  download: 'M10 3.5v9M6.3 9l3.7 3.7L13.7 9M4 16.5h12',
  key: 'M7 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M9.6 9.8 16 3.5M13.6 5.9l2 2M11.6 7.8l1.4 1.4',
  lock: 'M5.5 9h9v7h-9zM7.5 9V6.8a2.5 2.5 0 0 1 5 0V9',
  back: 'M12 4.5 6.5 10l5.5 5.5',
  forward: 'M8 4.5 13.5 10 8 15.5',
  site: 'M10 17s5-4.6 5-8.5a5 5 0 1 0-10 0C5 12.4 10 17 10 17M10 10.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6',
  organization: 'M4 17V4h8v13M12 8.5h4V17M2.5 17h15M6.8 7h2.4M6.8 10h2.4M6.8 13h2.4',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  check: 'M4.5 10.5 8.5 14.5 15.5 6.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside a word; it never stands alone for a meaning. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20" fill="none">
      <path d={PATHS[name]} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
