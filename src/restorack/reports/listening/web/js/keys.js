// The keyboard. Letters go to fields that take text; a button takes its own space.

export function listenToKeys(current) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (takesKeys(event.target, event.key)) return;
    const act = action(current(), event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function takesKeys(target, key) {
  if (target.matches("textarea, select, input[type=text], input[type=number]")) return true;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow") || /^(Home|End|Page)/.test(key);
  if (key === " ") return target.matches("button, input, summary, a");
  return false;
}

function action(session, event) {
  const { player, view, blindKeys } = session;
  const seconds = (count) => () => player.seek(player.position + count * player.rate);
  const reach = event.shiftKey ? 10 : 1;
  const common = {
    " ": () => player.toggle(),
    ArrowLeft: seconds(-reach),
    ArrowRight: seconds(reach),
    Home: () => player.seek(0),
    End: () => player.seek(player.length),
    l: () => session.setLooping(!player.looping),
    "[": () => player.setLoop(Math.round(player.position), player.loop?.[1] ?? player.length),
    "]": () => player.setLoop(player.loop?.[0] ?? 0, Math.round(player.position)),
    "+": () => view.zoom(2, player.position),
    "=": () => view.zoom(2, player.position),
    "-": () => view.zoom(0.5, player.position),
    0: () => view.show(0, player.length),
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (session.blind) return blindKeys?.[key] ?? common[key];
  if (/^[1-9]$/.test(key)) return () => session.choose(Number(key) - 1);
  const count = player.audio.length;
  const open = {
    ArrowDown: () => session.choose((player.active + 1) % count),
    ArrowUp: () => session.choose((player.active + count - 1) % count),
    m: () => session.set({ matched: !session.settings.matched }),
    n: () => session.repairs.next(),
    p: () => session.repairs.previous(),
    b: () => session.choose(player.active === 0 ? session.lastOther : 0),
  };
  return open[key] ?? common[key];
}
