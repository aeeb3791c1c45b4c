#include "painter.hpp"

#include <algorithm>

#include "target.hpp"
#include "words.hpp"

namespace bandmate {
namespace {

constexpr double padding = 8.0;
constexpr double line_points = 18.0;
const char* const hint = "Describe the music, such as: slow blues with organ";

double width_of(cairo_t* cairo, const std::string& text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text.c_str(), &extents);
    return extents.x_advance;
}

// So far the prompt is moved to the left for its cursor to be seen.
double shift_of(cairo_t* cairo, const Rect& field, const TextField& prompt)
{
    const double cursor = width_of(cairo, prompt.text().substr(0, prompt.cursor()));
    return std::max(0.0, cursor - (field.width - 2 * padding));
}

void choose_font(cairo_t* cairo)
{
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, text_points);
}

}  // namespace

Painter::Painter(cairo_t* cairo) : cairo_(cairo)
{
    choose_font(cairo);
}

std::size_t Painter::byte_at(cairo_t* cairo, const Rect& field, const TextField& prompt, double x)
{
    choose_font(cairo);
    const double wanted = x - field.x - padding + shift_of(cairo, field, prompt);
    TextField walk(prompt.text().size());
    walk.set(prompt.text());
    walk.place(0, false);
    while (walk.cursor() < prompt.text().size()) {
        const std::size_t here = walk.cursor();
        walk.move(Move::right, false);
        const double left = width_of(cairo, prompt.text().substr(0, here));
        const double right = width_of(cairo, prompt.text().substr(0, walk.cursor()));
        if (wanted < (left + right) / 2)
            return here;
    }
    return prompt.text().size();
}

void Painter::draw(const Picture& picture, double width, double height)
{
    color(0.13, 0.14, 0.16);
    box({0.0, 0.0, width, height});
    head(picture);
    prompt(picture);
    for (std::size_t i = 0; i < picture.layout.tasks.size(); ++i)
        button(picture.layout.tasks[i], task_titles[i], i == picture.sheet.task, true);
    button(picture.layout.start, "Start", false, true);
    button(picture.layout.cancel, "Cancel", false, picture.view.busy);
    meter(picture);
    sentence(picture.layout.sentence, picture.note.empty() ? picture.view.standing.sentence : picture.note);
    takes(picture);
    for (std::size_t i = 0; i < picture.layout.stems.size() && i < picture.view.stems.size(); ++i)
        stem(picture, i);
}

void Painter::color(double red, double green, double blue, double alpha)
{
    cairo_set_source_rgba(cairo_, red, green, blue, alpha);
}

void Painter::box(const Rect& rect)
{
    cairo_rectangle(cairo_, rect.x, rect.y, rect.width, rect.height);
    cairo_fill(cairo_);
}

void Painter::words(const Rect& rect, const std::string& text, double at)
{
    cairo_save(cairo_);
    cairo_rectangle(cairo_, rect.x, rect.y, rect.width, rect.height);
    cairo_clip(cairo_);
    cairo_move_to(cairo_, rect.x + at, rect.y + rect.height / 2 + text_points * 0.36);
    cairo_show_text(cairo_, text.c_str());
    cairo_restore(cairo_);
}

void Painter::button(const Rect& rect, const std::string& text, bool lit, bool usable)
{
    lit ? color(0.21, 0.45, 0.72) : color(0.24, 0.26, 0.29);
    box(rect);
    color(1.0, 1.0, 1.0, usable ? 0.95 : 0.35);
    words(rect, text, std::max(2.0, (rect.width - width_of(cairo_, text)) / 2));
}

void Painter::head(const Picture& picture)
{
    color(1.0, 1.0, 1.0, 0.95);
    words(picture.layout.title, "Bandmate");
    color(1.0, 1.0, 1.0, 0.7);
    const std::string time = time_words(picture.view);
    words(picture.layout.time, time, std::max(0.0, picture.layout.time.width - width_of(cairo_, time)));
}

void Painter::prompt(const Picture& picture)
{
    const Rect& field = picture.layout.prompt;
    const TextField& text = picture.prompt;
    color(0.07, 0.08, 0.09);
    box(field);
    if (picture.typing) {
        color(0.3, 0.6, 0.95);
        cairo_set_line_width(cairo_, 1.0);
        cairo_rectangle(cairo_, field.x + 0.5, field.y + 0.5, std::max(0.0, field.width - 1), std::max(0.0, field.height - 1));
        cairo_stroke(cairo_);
    }
    const Rect inside{field.x + padding, field.y, std::max(0.0, field.width - 2 * padding), field.height};
    if (text.text().empty() && !picture.typing) {
        color(1.0, 1.0, 1.0, 0.4);
        return words(inside, hint);
    }
    const double shift = shift_of(cairo_, field, text);
    const auto x_of = [&](std::size_t byte) {
        return std::clamp(inside.x + width_of(cairo_, text.text().substr(0, byte)) - shift, inside.x,
                          inside.x + inside.width);
    };
    const auto [from, to] = text.selection();
    if (picture.typing && from != to) {
        color(0.21, 0.45, 0.72);
        box({x_of(from), field.y + 4, x_of(to) - x_of(from), std::max(0.0, field.height - 8)});
    }
    color(1.0, 1.0, 1.0, 0.95);
    words(inside, text.text(), -shift);
    if (picture.typing)
        box({x_of(text.cursor()), field.y + 5, 1.0, std::max(0.0, field.height - 10)});
}

void Painter::meter(const Picture& picture)
{
    const Rect& rect = picture.layout.meter;
    const Standing& standing = picture.view.standing;
    color(0.18, 0.19, 0.21);
    box(rect);
    color(0.2, 0.5, 0.35);
    const double share = std::clamp(static_cast<double>(standing.progress) / 100.0, 0.0, 1.0);
    box({rect.x, rect.y, picture.view.busy || standing.status == Status::fetching_model ? rect.width * share : 0.0,
         rect.height});
    color(1.0, 1.0, 1.0, 0.95);
    words(rect, standing_words(standing), padding);
}

// In as many lines as there is room for.
void Painter::sentence(const Rect& rect, const std::string& text)
{
    color(1.0, 0.85, 0.6);
    double y = rect.y;
    std::string line;
    const auto put = [&] {
        if (y + line_points <= rect.y + rect.height + 0.5)
            words({rect.x, y, rect.width, line_points}, line);
        y += line_points;
        line.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t space = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, space - at);
        if (!line.empty() && width_of(cairo_, line + " " + word) > rect.width)
            put();
        line += (line.empty() ? "" : " ") + word;
        at = space + 1;
    }
    put();
}

void Painter::takes(const Picture& picture)
{
    const DeskView& view = picture.view;
    if (picture.layout.swap.width > 0.0)
        button(picture.layout.swap, "A/B", false, true);
    if (picture.layout.all.width > 0.0) {
        button(picture.layout.all, "Drag all", false, !view.stems.empty());
        button(picture.layout.reveal, "Folder", false, true);
    }
    for (std::size_t i = 0; i < picture.layout.takes.size() && i < view.takes.size(); ++i)
        button(picture.layout.takes[i], take_words(view.takes[i]), view.takes[i].job == view.shown, true);
}

void Painter::stem(const Picture& picture, std::size_t index)
{
    const StemRow& row = picture.layout.stems[index];
    const StemView& stem = picture.view.stems[index];
    if (row.solo.width > 0.0) {
        button(row.solo, "S", stem.mix.solo, true);
        button(row.mute, "M", stem.mix.mute, true);
        level(row.level, stem.mix.level);
    }
    wave(row.wave, stem, picture.peaks[index], picture.view.playhead(stem));
}

void Painter::level(const Rect& rect, float factor)
{
    color(0.07, 0.08, 0.09);
    box(rect);
    color(0.36, 0.4, 0.46);
    box({rect.x, rect.y, rect.width * place_of(factor), rect.height});
    color(1.0, 1.0, 1.0, 0.95);
    words(rect, level_words(factor), padding);
}

void Painter::wave(const Rect& rect, const StemView& stem, const Peaks& peaks, double playhead)
{
    color(0.17, 0.19, 0.22);
    box(rect);
    color(0.42, 0.66, 0.9);
    // One outline, there above and back below: a fill of many boxes takes much longer.
    const double column = rect.width / static_cast<double>(Peaks::columns);
    const double middle = rect.y + rect.height / 2;
    const auto seen = static_cast<std::size_t>(peaks.share() * static_cast<double>(Peaks::columns));
    const auto half = [&](std::size_t i) {
        return std::max(0.5, static_cast<double>(peaks.at(i)) * (rect.height / 2 - 1));
    };
    for (std::size_t i = 0; i < seen; ++i)
        cairo_line_to(cairo_, rect.x + column * static_cast<double>(i), middle - half(i));
    for (std::size_t i = seen; i-- > 0;)
        cairo_line_to(cairo_, rect.x + column * static_cast<double>(i), middle + half(i));
    cairo_close_path(cairo_);
    cairo_fill(cairo_);
    color(1.0, 0.85, 0.6);
    if (playhead >= 0.0 && playhead <= 1.0)
        box({rect.x + playhead * std::max(0.0, rect.width - 1.0), rect.y, 1.0, rect.height});
    color(1.0, 1.0, 1.0, 0.95);
    words({rect.x, rect.y, rect.width, std::min(rect.height, line_points)},
          stem.clip ? stem.name : stem.name + " (missing)", padding);
}

}  // namespace bandmate
