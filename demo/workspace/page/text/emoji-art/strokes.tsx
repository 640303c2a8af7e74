export const red = '#e0354b';
export const green = '#1f9d61';
export const amber = '#f0a020';
export const blue = '#2f7de1';
export const grey = '#8a93a3';

/** A line with round ends. */
export const stroke = (d: string, color = '#fff', width = 2.6) => (
  <path
    d={d}
    fill="none"
    stroke={color}
    stroke-width={width}
    stroke-linecap="round"
    stroke-linejoin="round"
  />
);
