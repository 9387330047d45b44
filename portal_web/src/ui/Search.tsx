import { TextInput, type MantineSize } from '@mantine/core';
import { useEffect, useState } from 'react';

const PAUSE = 250;

interface SearchProps {
  label: string;
  size?: MantineSize;
  onSearch: (text: string) => void;
}

/** Says what is looked for once nothing more is typed for a moment. */
export function Search({ label, size = 'sm', onSearch }: SearchProps) {
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => onSearch(text.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <TextInput
      type="search"
      label={label}
      size={size}
      value={text}
      maxLength={100}
      autoComplete="off"
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}
