/** The mark: a gate of three columns under a pediment. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
      <path
        fill="currentColor"
        d="M16 3 29 10.4v2.5H3v-2.5zM5 15.2h3.2v10.6H5zm9.4 0h3.2v10.6h-3.2zm9.4 0H27v10.6h-3.2zM3 27.3h26v2.4H3z"
      />
    </svg>
  );
}
