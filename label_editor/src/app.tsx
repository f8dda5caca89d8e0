import { Add } from "./add";
import { Bar, Lines } from "./bar";
import { Dialogs } from "./dialogs";
import { opened } from "./keeping";
import { readonly } from "./label";
import { Missing } from "./missing";
import { Problems } from "./problems";
import { Properties } from "./properties";
import { announced } from "./said";
import { Stage } from "./stage";
import { Strip } from "./strip";
import "./desk.css";

export function App() {
  if (opened.value !== "open") return <Missing />;
  return (
    <>
      <Bar />
      <Lines />
      <div class="desk">
        {!readonly.value && <Add />}
        <Stage />
        {!readonly.value && <Properties />}
      </div>
      <Problems />
      <Strip />
      <Dialogs />
      <p class="unseen" role="status" aria-live="polite" id="heard">{announced}</p>
    </>
  );
}
