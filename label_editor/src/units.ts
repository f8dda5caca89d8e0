// Micrometres outside, whole dots inside: the same sums as gateway/units.py, in whole numbers.

export interface Density { n: number; d: number }

// `8` is dots per mm, "180dpi" dots per inch.
export function density(written: number | string): Density {
  const match = /^([0-9]+)dpi$/.exec(String(written));
  return match ? { n: Number(match[1]) * 10, d: 254 } : { n: Number(written), d: 1 };
}

// Half up, also below zero, as the print head's driver counts.
export function toDots(um: number, { n, d }: Density): number {
  return Math.floor((2 * um * n + 1000 * d) / (2000 * d));
}

export function toUm(dots: number, { n, d }: Density): number {
  return Math.floor((2 * dots * 1000 * d + n) / (2 * n));
}

export type Unit = "mm" | "in";

const PER: Record<Unit, number> = { mm: 1000, in: 25400 };

export function say(um: number, unit: Unit, digits = unit === "mm" ? 2 : 3): string {
  return (um / PER[unit]).toFixed(digits).replace(/\.?0+$/, "");
}

// "12,5 mm", "0.5 in", `1/2"` or a bare number in the unit shown; null when it is no length.
export function read(text: string, unit: Unit): number | null {
  const match = /^\s*([0-9]+(?:[.,][0-9]+)?|[0-9]*[.,][0-9]+|[0-9]+\/[0-9]+)\s*(mm|cm|in|")?\s*$/i.exec(text);
  if (!match) return null;
  const [top, bottom] = match[1]!.replace(",", ".").split("/");
  const value = Number(top) / (bottom ? Number(bottom) : 1);
  const suffix = (match[2] || unit).toLowerCase();
  const per = suffix === "cm" ? 10000 : suffix === "mm" ? 1000 : 25400;
  return Number.isFinite(value) ? Math.round(value * per) : null;
}
