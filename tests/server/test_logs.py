"""What a line of the log holds."""

import json
import logging

from bandmate_server.logs import about_job, start_logs, stop_logs


def test_lines_are_json_with_the_job_that_they_are_about(tmp_path, capsys):
    handlers = start_logs("info", tmp_path / "log" / "server.log")
    log = logging.getLogger("bandmate_server.test")
    try:
        log.info("before %s", "all")
        with about_job("abcd1234"):
            log.warning("inside")
            try:
                raise ValueError("no")
            except ValueError:
                log.exception("failed")
        log.debug("too quiet")
    finally:
        stop_logs(handlers)
        logging.getLogger().setLevel("WARNING")
    lines = [json.loads(line) for line in (tmp_path / "log" / "server.log").read_text().splitlines()]
    assert [(line["level"], line["event"], line.get("job")) for line in lines] == [
        ("info", "before all", None),
        ("warning", "inside", "abcd1234"),
        ("error", "failed", "abcd1234"),
    ]
    assert "ValueError: no" in lines[2]["exception"]
    assert all(line["time"].endswith("+00:00") for line in lines)
    assert "[job abcd1234]" in capsys.readouterr().err


def test_a_jobs_lines_carry_its_id(server, wire):
    done = wire.run("noise")
    text = (server.home / "state" / "log" / "server.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["job"] for line in lines if "noise starts" in line["event"]][-1] == done.job
