// Forms of a date that people choose from, with the date of today in them.

export const FORMS = [
  "YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YY", "MM/YYYY", "YYYY", "YYMMDD", "YYYYMMDD",
  "GGGG-'W'WW", "WW", "DDD", "YYYY-MM-DD HH:mm", "HH:mm",
] as const;

const TOKEN = /YYYY|YY|GGGG|DDD|MM|M|DD|D|HH|mm|ss|WW|E|'([^']*)'|[^A-Za-z']/g;

const two = (n: number): string => String(n).padStart(2, "0");

export function formatted(at: Date, form: string): string {
  const midnight = Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()), day = 86_400_000;
  const weekday = at.getDay() || 7, thursday = new Date(midnight + (4 - weekday) * day);
  const year = thursday.getUTCFullYear(), nth = (from: number, to: number) => Math.floor((to - Date.UTC(from, 0, 1)) / day) + 1;
  const says: Record<string, string> = {
    YYYY: String(at.getFullYear()), YY: two(at.getFullYear() % 100), MM: two(at.getMonth() + 1), M: String(at.getMonth() + 1),
    DD: two(at.getDate()), D: String(at.getDate()), DDD: String(nth(at.getFullYear(), midnight)).padStart(3, "0"),
    HH: two(at.getHours()), mm: two(at.getMinutes()), ss: two(at.getSeconds()), E: String(weekday),
    GGGG: String(year), WW: two(Math.ceil(nth(year, thursday.getTime()) / 7)),
  };
  return form.replace(TOKEN, (token, literal?: string) => literal ?? says[token] ?? token);
}

// Whether a form has nothing but what stands for a part of the date, signs, and text in quotes.
export function isForm(form: string): boolean {
  return !/[A-Za-z']/.test(form.replace(/'[^']*'/g, "").replace(TOKEN, (token) => (/[A-Za-z]/.test(token) ? "" : token)));
}
