// The bottom: which record is shown, how large, and how many problems there are.

import { problems } from "./tiles";
import { tn } from "./words";

export function Strip() {
  const n = problems.value.length;
  return <footer class="strip"><span>{tn("%(n)s problem", "%(n)s problems", n)}</span></footer>;
}
