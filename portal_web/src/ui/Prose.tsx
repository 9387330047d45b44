import styles from './page.module.css';

/** Plain text as it was written: empty lines part paragraphs, single ones are kept. */
export function Prose({ text }: { text: string }) {
  return (
    <div className={styles['prose']}>
      {text.split(/\n{2,}/).map((paragraph, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- paragraphs have no other name and no state
        <p key={index}>{paragraph}</p>
      ))}
    </div>
  );
}
