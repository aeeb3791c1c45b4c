// Musical time of a range: where its bars and beats lie, in frames, through tempo changes and ramps.

/** A tempo map out of the points of a timeline; quarters are counted from the first point. */
export class TempoMap {
  #segments = [];

  constructor(points, rate) {
    let quarter = 0;
    points.forEach((point, index) => {
      const next = points[index + 1];
      const seconds = next ? (next.position - point.position) / rate : Infinity;
      const ramp = point.shape === "linear" && next;
      const segment = {
        frame: point.position,
        quarter,
        bpm: point.bpm,
        slope: ramp && seconds > 0 ? (next.bpm - point.bpm) / seconds : 0, // bpm a second
        numerator: point.numerator ?? 4,
        denominator: point.denominator ?? 4,
        startsBar: point.starts_bar ?? false,
      };
      this.#segments.push(segment);
      if (next) quarter += quartersAfter(segment, seconds);
    });
    this.rate = rate;
  }

  frameAt(quarter) {
    const segment = this.#segmentBefore((each) => each.quarter <= quarter);
    return segment.frame + secondsAfter(segment, quarter - segment.quarter) * this.rate;
  }

  quarterAt(frame) {
    const segment = this.#segmentBefore((each) => each.frame <= frame);
    return segment.quarter + quartersAfter(segment, (frame - segment.frame) / this.rate);
  }

  /** The metre in force at a quarter, as [numerator, denominator]. */
  metreAt(quarter) {
    const segment = this.#segmentBefore((each) => each.quarter <= quarter + 1e-9);
    return [segment.numerator, segment.denominator];
  }

  #segmentBefore(fits) {
    let found = this.#segments[0];
    for (const segment of this.#segments) if (fits(segment)) found = segment;
    return found;
  }
}

function quartersAfter({ bpm, slope }, seconds) {
  return ((bpm + (slope * seconds) / 2) * seconds) / 60;
}

function secondsAfter({ bpm, slope }, quarters) {
  if (slope === 0) return (quarters * 60) / bpm;
  return (Math.sqrt(bpm * bpm + 120 * slope * quarters) - bpm) / slope;
}

/** The bar lines in a timeline's range: their frames from its start, and their numbers. */
export function barLines(timeline, most = 4096) {
  const map = new TempoMap(timeline.tempo, timeline.sample_rate);
  const start = map.quarterAt(timeline.start_frame);
  const end = map.quarterAt(timeline.end_frame);
  const [, denominator] = map.metreAt(start);
  let quarter = start - ((timeline.beat ?? 0) * 4) / denominator;
  const lines = [];
  for (let bar = timeline.bar ?? 1; quarter < end - 1e-6 && lines.length < most; bar += 1) {
    const [numerator, beat] = map.metreAt(quarter);
    const frame = Math.round(map.frameAt(quarter)) - timeline.start_frame;
    const beats = [];
    for (let index = 0; index < numerator; index += 1) {
      beats.push(Math.round(map.frameAt(quarter + (index * 4) / beat)) - timeline.start_frame);
    }
    lines.push({ frame, bar, beats });
    quarter += (numerator * 4) / beat;
  }
  return lines;
}

/** A timeline of so many bars at one tempo, from frame 0. */
export function plainTimeline({ rate, bpm, numerator, denominator, bars, seconds, key }) {
  const length = seconds ?? (bars * numerator * 4 * 60) / (denominator * bpm);
  return {
    sample_rate: rate,
    start_frame: 0,
    end_frame: Math.max(Math.round(length * rate), 1),
    tempo: [{ position: 0, bpm, numerator, denominator }],
    key: key || undefined,
  };
}

/** The beat nearest to a frame of the range, or the frame itself where no beat is near. */
export function nearestBeat(lines, frame, reach) {
  let best = frame;
  let distance = reach;
  for (const { beats } of lines) {
    for (const beat of beats) {
      if (Math.abs(beat - frame) < distance) [best, distance] = [beat, Math.abs(beat - frame)];
    }
  }
  return best;
}
