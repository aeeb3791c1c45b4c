// One player at a time; the line in the pictures follows it, and a click in them jumps there.
const players = [...document.querySelectorAll(".player")];
for (const player of players) {
  const audio = player.querySelector("audio");
  const pictures = player.querySelector(".pictures");
  const head = player.querySelector(".head");
  const follow = () => {
    if (audio.duration) {
      head.style.opacity = 1;
      head.style.left = `${(100 * audio.currentTime) / audio.duration}%`;
    }
    if (!audio.paused) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", () => {
    for (const other of players) {
      if (other !== player) other.querySelector("audio").pause();
    }
    follow();
  });
  audio.addEventListener("seeked", follow);
  pictures.addEventListener("click", (event) => {
    const box = pictures.getBoundingClientRect();
    const place = (event.clientX - box.left) / box.width;
    const jump = () => {
      audio.currentTime = place * audio.duration;
      audio.play();
    };
    if (audio.readyState > 0) jump();
    else {
      audio.addEventListener("loadedmetadata", jump, { once: true });
      audio.load();
    }
  });
}
