import { useEffect, useState } from 'react';

const MINUTE = 60_000;
const thisMinute = () => Math.floor(Date.now() / MINUTE) * MINUTE;

/** The present minute as an instant; changes when the minute does. */
export function useMinute(): string {
  const [minute, setMinute] = useState(thisMinute);
  useEffect(() => {
    const timer = setTimeout(() => setMinute(thisMinute()), minute + MINUTE - Date.now());
    return () => clearTimeout(timer);
  }, [minute]);
  return new Date(minute).toISOString();
}
