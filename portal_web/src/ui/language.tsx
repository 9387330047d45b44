import { useEffect, useState, type ReactNode } from 'react';
import { IntlProvider } from 'react-intl';

import type en from '../messages/en.json';
import { isLanguage, LANGUAGES, type Language } from '../messages/languages';
import { recall, remember } from './memory';
import { createStore, useStore } from './store';

export type MessageId = keyof typeof en;

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
  const chosen = useStore(language);
  const [loaded, setLoaded] = useState<{ language: Language; messages: Record<MessageId, string> }>();
  useEffect(() => {
    let wanted = true;
    void LANGUAGES[chosen].load().then((messages) => wanted && setLoaded({ language: chosen, messages }));
    return () => {
      wanted = false;
    };
  }, [chosen]);
  useEffect(() => {
    if (loaded) document.documentElement.lang = loaded.language;
  }, [loaded]);
  if (!loaded) return null;
  return (
    <IntlProvider locale={loaded.language} messages={loaded.messages} defaultLocale="en">
      {children}
    </IntlProvider>
  );
}
