// Draws the window with Cairo, on any surface.
#pragma once

#include <string>
#include <vector>

#include <cairo.h>

#include "../desk.hpp"
#include "layout.hpp"
#include "peaks.hpp"
#include "text_field.hpp"

namespace bandmate {

struct Picture {
    const Layout& layout;
    const DeskView& view;
    const Sheet& sheet;
    const TextField& prompt;
    bool typing;
    // One for each of the view's stems.
    const std::vector<Peaks>& peaks;
    // What the window itself has to say; empty for the view's sentence.
    const std::string& note;
};

class Painter {
public:
    explicit Painter(cairo_t* cairo);

    void draw(const Picture& picture, double width, double height);
    // The byte of the prompt that lies at so many points from the left of its field.
    static std::size_t byte_at(cairo_t* cairo, const Rect& field, const TextField& prompt, double x);

private:
    void color(double red, double green, double blue, double alpha = 1.0);
    void box(const Rect& rect);
    void words(const Rect& rect, const std::string& text, double at = 0.0);
    void button(const Rect& rect, const std::string& text, bool lit, bool usable);
    void head(const Picture& picture);
    void prompt(const Picture& picture);
    void meter(const Picture& picture);
    void sentence(const Rect& rect, const std::string& text);
    void takes(const Picture& picture);
    void stem(const Picture& picture, std::size_t index);
    void level(const Rect& rect, float factor);
    void wave(const Rect& rect, const StemView& stem, const Peaks& peaks, double playhead);

    cairo_t* const cairo_;
};

}  // namespace bandmate
