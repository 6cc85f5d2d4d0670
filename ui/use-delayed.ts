import { useEffect, useState } from 'react';

/** True once `waiting` has lasted `after` milliseconds: quick answers never flash a skeleton. */
export function useDelayed(waiting: boolean, after = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!waiting) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [waiting, after]);
  return waiting && late;
}
