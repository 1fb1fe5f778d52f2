// One player at a time; another one of the same recording goes on where it was.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) {
    if (other === event.target || other.paused) continue;
    if (other.closest(".players") === event.target.closest(".players"))
      event.target.currentTime = other.currentTime;
    other.pause();
  }
}, true);
