// A and B play from the same place; choices stay in this browser until they are cleared.
const cards = [...document.querySelectorAll(".pair")];
const storageName = `bandmate-pairs ${encodedKey.length} ${encodedKey.slice(-40)}`;
const key = () => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(encodedKey), (one) => one.charCodeAt(0))));
let choices = {};
try {
  choices = JSON.parse(localStorage.getItem(storageName) || "{}");
} catch {
  choices = {};
}
const remember = () => {
  try {
    localStorage.setItem(storageName, JSON.stringify(choices));
  } catch {
    // A browser may keep nothing for files on the disk; the choices last as long as the page.
  }
};
const stopAll = () => {
  for (const audio of document.querySelectorAll("audio")) audio.pause();
  for (const button of document.querySelectorAll(".side")) button.setAttribute("aria-pressed", "false");
};
for (const card of cards) {
  const sounds = [...card.querySelectorAll("audio")];
  const buttons = [...card.querySelectorAll(".side")];
  const bar = card.querySelector("progress");
  buttons.forEach((button, side) => {
    button.addEventListener("click", () => {
      const playing = sounds.find((audio) => !audio.paused);
      const place = playing ? playing.currentTime : 0;
      stopAll();
      button.setAttribute("aria-pressed", "true");
      const audio = sounds[side];
      const start = () => {
        audio.currentTime = Math.min(place, Math.max(audio.duration - 0.01, 0));
        audio.play();
      };
      if (audio.readyState > 0) start();
      else {
        audio.addEventListener("loadedmetadata", start, { once: true });
        audio.load();
      }
    });
  });
  for (const audio of sounds) {
    audio.addEventListener("timeupdate", () => {
      if (!audio.paused && audio.duration) bar.value = audio.currentTime / audio.duration;
    });
    audio.addEventListener("ended", stopAll);
  }
  card.querySelector(".stop")?.addEventListener("click", stopAll);
  const note = card.querySelector(".note input");
  const radios = [...card.querySelectorAll("input[type=radio]")];
  const kept = choices[card.id] || {};
  for (const radio of radios) {
    radio.checked = radio.value === kept.choice;
    radio.addEventListener("change", () => {
      choices[card.id] = { ...choices[card.id], choice: radio.value };
      remember();
    });
  }
  if (note) {
    note.value = kept.note || "";
    note.addEventListener("input", () => {
      choices[card.id] = { ...choices[card.id], note: note.value };
      remember();
    });
  }
}
const resultText = () => {
  const known = key();
  const counts = {};
  const lines = cards
    .filter((card) => known.pairs[card.id])
    .map((card) => {
      const { title, ways } = known.pairs[card.id];
      const { choice, note } = choices[card.id] || {};
      const chosen = choice === "a" ? ways[0] : choice === "b" ? ways[1] : choice === "same" ? "no difference" : "no choice";
      counts[chosen] = (counts[chosen] || 0) + 1;
      return [title, `A: ${ways[0]}`, `B: ${ways[1]}`, `chosen: ${chosen}`, note || ""].join("\t");
    });
  const sums = Object.entries(counts).map(([way, count]) => `${way}: ${count}`);
  return [`Order: seed ${known.seed}`, ...lines, ...sums, ""].join("\n");
};
document.getElementById("reveal").addEventListener("click", () => {
  const known = key();
  for (const card of cards) {
    const line = card.querySelector(".key");
    const pair = known.pairs[card.id];
    if (!line || !pair) continue;
    line.textContent = pair.ways.map((way, side) => `${"AB"[side]}: ${way}. ${pair.remarks[side]}`.trim()).join(" ");
    line.hidden = false;
  }
  const result = document.getElementById("result");
  result.textContent = resultText();
  result.hidden = false;
});
document.getElementById("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([resultText()], { type: "text/plain" }));
  link.download = "choices.txt";
  link.click();
});
document.getElementById("clear").addEventListener("click", () => {
  choices = {};
  remember();
  for (const input of document.querySelectorAll("input")) {
    if (input.type === "radio") input.checked = false;
    else input.value = "";
  }
});
