import { Add } from "./add";
import { Bar } from "./bar";
import { Dialogs } from "./dialogs";
import { Properties } from "./properties";
import { announced } from "./said";
import { Stage } from "./stage";
import { Strip } from "./strip";

export function App() {
  return (
    <>
      <Bar />
      <div class="desk">
        <Add />
        <Stage />
        <Properties />
      </div>
      <Strip />
      <Dialogs />
      <p class="unseen" role="status" aria-live="polite" id="heard">{announced}</p>
    </>
  );
}
