"""Where one is in the page: Back and Forward, addresses that lead back to a job, reloads, parts that come later."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.console.acting import generate, opened_job
from tests.console.conftest import console_link
from tests.running import RunningServer


def wait_for_job(page: Page, job: str) -> None:
    page.wait_for_function("job => bandmate.opened?.id === job", arg=job)


def show_view(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("button", name=name, exact=True).click()


def test_back_and_forward_move_between_views_topics_and_jobs(page: Page, context: BrowserContext) -> None:
    first = generate(page, "claves", bars=1)
    second = generate(page, "tambourine", bars=1)
    show_view(page, "Studio")
    page.get_by_role("navigation", name="Studio").get_by_role("button", name="Plugins").click()
    show_view(page, "Library")
    current = page.get_by_role("navigation", name="Views").locator("[aria-current=page]")
    expect(current).to_have_text("Library")
    page.go_back()
    expect(page.get_by_role("region", name="Plugins", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("region", name="Projects", exact=True)).to_be_visible()
    page.go_back()
    expect(current).to_have_text("Make")
    assert opened_job(page) == second
    page.go_back()
    wait_for_job(page, first)
    expect(page.get_by_label("Stage").get_by_role("heading", name="claves")).to_be_visible()
    page.go_forward()
    wait_for_job(page, second)
    page.go_back()
    wait_for_job(page, first)
    page.reload()
    wait_for_job(page, first)
    page.go_forward()
    wait_for_job(page, second)

    # The address, in another tab, leads to the same job.
    other = context.new_page()
    other.goto(page.url)
    wait_for_job(other, second)
    expect(other.get_by_label("Stage").get_by_role("heading", name="tambourine")).to_be_visible()


def test_an_address_whose_job_is_gone_says_so_and_a_new_link_still_signs_in(
    page: Page, server: RunningServer
) -> None:
    page.goto(f"http://{server.address}/#make/nosuchjob")
    page.reload()
    expect(page.locator(".notice")).to_contain_text("The server has no job nosuchjob.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("This browser is not signed in.")).to_be_visible()
    # Only the fragment changes, so the page is not loaded again.
    page.goto(console_link(server))
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    assert "code=" not in page.url


def test_a_view_that_does_not_arrive_says_so(context: BrowserContext, server: RunningServer) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503)

    context.route("**/views/library.js", fail)
    stranger = context.new_page()
    stranger.goto(console_link(server))
    expect(stranger.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    show_view(stranger, "Library")
    expect(stranger.get_by_role("alert")).to_contain_text("The server did not send this part of the page.")
    context.unroute("**/views/library.js", fail)
    stranger.get_by_role("button", name="Reload the page").click()
    expect(stranger.get_by_role("grid", name="Jobs")).to_be_visible()


def test_a_view_that_arrives_while_it_is_first_drawn_is_drawn(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { laterView, fetchLaterViews } = await import("/page/views/later_view.js");
          const { html, render } = await import("/page/vendor/preact-htm.js");
          let arrive;
          const Late = laterView("Late", "Late", () => new Promise((resolve) => { arrive = resolve; }));
          fetchLaterViews();
          const root = document.body.appendChild(document.createElement("div"));
          render(html`<${Late} />`, root);
          // After the first drawing and before effects run, which is after the next frame.
          arrive({ Late: () => html`<p>late and here</p>` });
          await Promise.resolve();
        }"""
    )
    expect(page.get_by_text("late and here")).to_be_visible()
