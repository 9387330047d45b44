const COLUMNS = [96, 196, 296, 396, 496, 596];
const FLUTES = [-9, -3, 3, 9];

/** The drawing beside the door: the elevation of a portico, as an architect would draw it. */
export function Elevation() {
  return (
    <svg viewBox="0 0 720 640" fill="none" stroke="currentColor" strokeWidth="1.25">
      <g opacity="0.3" strokeDasharray="2 5">
        <path d="M346 20v600M96 380v250M596 380v250M0 206h720M0 540h720" />
      </g>
      <g opacity="0.85">
        <path d="M346 70 30 178v12h632v-12zM346 88 88 176h516z" />
        <circle cx="346" cy="142" r="19" />
        <circle cx="346" cy="142" r="13" opacity="0.5" />
        <path d="M44 190v16h604v-16M52 206v30h588v-30M44 236h604v10H44z" />
        {COLUMNS.map((x) => (
          <path key={x} d={`M${x - 15} 210v22h8v-22M${x - 3} 210v22h8v-22M${x + 9} 210v22h8v-22`} opacity="0.5" />
        ))}
      </g>
      {COLUMNS.map((x) => (
        <Column key={x} x={x} />
      ))}
      <g opacity="0.85">
        <path d="M40 516h612v12H40zM20 528h652v14H20zM0 542h692v16H0z" />
        <path d="M-600 558h2000" strokeWidth="2" />
      </g>
      <g opacity="0.6" strokeWidth="1">
        <path d="M96 596h500M96 588v16M196 588v16M296 588v16M396 588v16M496 588v16M596 588v16" />
        <path d="M688 246v270M680 246h16M680 516h16" />
      </g>
    </svg>
  );
}

function Column({ x }: { x: number }) {
  return (
    <g>
      <path d={`M${x - 24} 246h48v9h-48zM${x - 20} 255q2 9 5 9h30q3 0 5-9`} opacity="0.85" />
      <path d={`M${x - 15} 264C${x - 16} 350 ${x - 18} 420 ${x - 19} 500h38C${x + 18} 420 ${x + 16} 350 ${x + 15} 264`} />
      {FLUTES.map((flute) => (
        <path key={flute} d={`M${x + flute} 268 ${x + flute * 1.3} 498`} opacity="0.35" />
      ))}
      <path d={`M${x - 23} 500h46v7h-46zM${x - 26} 507h52v9h-52z`} opacity="0.85" />
    </g>
  );
}
