import { createContext } from 'react';

import type { Who } from './session';

/** Who is signed in. */
export const WhoContext = createContext<Who | null>(null);
