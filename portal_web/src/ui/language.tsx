import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { IntlProvider, useIntl } from 'react-intl';

import type en from '../messages/en.json';
import { isLanguage, LANGUAGES, type Language } from '../messages/languages';
import type workspace from '../messages/workspace.en.json';
import { recall, remember } from './memory';
import { createStore, useStore } from './store';

export type MessageId = keyof typeof en | keyof typeof workspace;

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- react-intl reads its message ids from here
  namespace FormatjsIntl {
    interface Message {
      ids: MessageId;
    }
  }
}

function firstLanguage(): Language {
  const wished = [recall('language'), ...(globalThis.navigator?.languages ?? []).map((tag) => tag.slice(0, 2))];
  return wished.find(isLanguage) ?? 'en';
}

const language = createStore<Language>(firstLanguage());
// Asked for at once: by the time there is something to draw, it is there.
void LANGUAGES[language.get()].load();

export function useLanguage(): [Language, (next: Language) => void] {
  return [
    useStore(language),
    (next) => {
      remember('language', next);
      language.set(next);
    },
  ];
}

/** Speaks the chosen language below; nothing is drawn until its messages are there. */
export function Speaking({ children }: { children: ReactNode }) {
  const spoken = useSpoken('load');
  const tag = spoken?.language;
  useEffect(() => {
    if (tag) document.documentElement.lang = tag;
  }, [tag]);
  if (!spoken) return null;
  return (
    <IntlProvider locale={spoken.language} messages={spoken.messages} defaultLocale="en">
      {children}
    </IntlProvider>
  );
}

/** Knows the words of the workspace too, which nobody else has to load; nothing is drawn until they are there. */
export function SpeakingOfWork({ children }: { children: ReactNode }) {
  const intl = useIntl();
  const spoken = useSpoken('loadWorkspace');
  const messages = useMemo(() => ({ ...intl.messages, ...spoken?.messages }), [intl.messages, spoken]);
  if (!spoken) return <div aria-busy="true" />;
  return (
    <IntlProvider locale={intl.locale} messages={messages as Record<string, string>} defaultLocale="en">
      {children}
    </IntlProvider>
  );
}

/** Messages in the chosen language: those chosen before stay until the new ones are there. */
function useSpoken(load: 'load' | 'loadWorkspace') {
  const chosen = useStore(language);
  const [loaded, setLoaded] = useState<{ language: Language; messages: Record<string, string> }>();
  useEffect(() => {
    let wanted = true;
    void LANGUAGES[chosen][load]().then((messages) => wanted && setLoaded({ language: chosen, messages }));
    return () => {
      wanted = false;
    };
  }, [chosen, load]);
  return loaded;
}
