// What happens in the gateway, as it happens: one stream for whoever listens here.

type Listener = (type: string, subject: string) => void;

const SOON = 150; // ms: what happens together is told once

const listeners: { kind: string; tell: Listener; timer: number }[] = [];
let source: EventSource | null = null;

function open(): void {
  if (source) source.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource("/v1/events?kind=printer&kind=job&kind=template");
  source.onmessage = (message) => {
    const { type, subject } = JSON.parse(message.data) as { type: string; subject: string };
    for (const one of listeners) {
      if (type !== one.kind && !type.startsWith(`${one.kind}.`)) continue;
      clearTimeout(one.timer);
      one.timer = window.setTimeout(() => one.tell(type, subject), SOON);
    }
  };
  // A stream that was refused for good is tried again as one that was lost.
  source.onerror = () => { if (source?.readyState === EventSource.CLOSED) setTimeout(open, 5000); };
}

// Be told when something of a kind happened, and when this window is looked at again.
export function heard(kind: string, tell: Listener): () => void {
  const one = { kind, tell, timer: 0 };
  listeners.push(one);
  if (listeners.length === 1 && !source) {
    open();
    document.addEventListener("visibilitychange", () => {
      open();
      if (!document.hidden) for (const other of listeners) other.tell("", "");
    });
  }
  return () => { listeners.splice(listeners.indexOf(one), 1); };
}
