import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@mantine/core/styles/baseline.layer.css';
import '@mantine/core/styles/default-css-variables.layer.css';
import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/Button.layer.css';
import '@mantine/core/styles/Input.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import '@mantine/core/styles/Loader.layer.css';
import '../ui/theme.css';

import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Speaking } from '../ui/language';
import { App } from './App';
import { open } from './session';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

open();

// No generated style elements: with the variables in theme.css a content security policy needs no 'unsafe-inline'.
createRoot(root).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Speaking>
        <App />
      </Speaking>
    </MantineProvider>
  </StrictMode>,
);
