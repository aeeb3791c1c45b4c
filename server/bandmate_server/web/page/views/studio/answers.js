// What the topics of the studio share: asking the server when one is opened, and again.
import { useEffect, useState } from "../../vendor/preact-htm.js";
import { problemOf } from "../../model/jobs.js";

/** The server's answer to a question: when the view opens, after the connection came back, and on `ask()`. */
export function useAnswer(studio, message) {
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    try {
      setAnswer(await studio.wire.ask(message));
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setAsking(false);
  };
  useEffect(() => {
    if (studio.connection === "open") ask();
  }, [studio.connection]);
  return { answer, setAnswer, problem, isAsking, ask };
}

/** Asks again and again while the view is open and in sight. */
export function usePolling(ask, milliseconds) {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || ask(), milliseconds);
    return () => clearInterval(timer);
  }, []);
}

/** Runs one request at a time and keeps what the server refused: [run, problem, isRunning]. */
export function useRequest() {
  const [problem, setProblem] = useState(null);
  const [isRunning, setRunning] = useState(false);
  const run = async (work) => {
    setRunning(true);
    setProblem(null);
    try {
      return await work();
    } catch (error) {
      setProblem(problemOf(error));
      return undefined;
    } finally {
      setRunning(false);
    }
  };
  return [run, problem, isRunning];
}
