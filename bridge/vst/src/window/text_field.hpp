// One line of UTF-8 text that is edited: a cursor, a selection, and what keys do to them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace bandmate {

enum class Move { left, right, word_left, word_right, start, end };

class TextField {
public:
    explicit TextField(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // The cursor goes to the end.
    void set(const std::string& text);
    const std::string& text() const noexcept { return text_; }

    // Replaces the selection. Line ends and other control characters become spaces, what is no UTF-8 is left out, and
    // what does not fit is cut off between two characters.
    void insert(const std::string& text);
    // Deletes the selection, or from the cursor to where the move leads.
    void erase(Move move);
    // Moves the cursor; `select` extends the selection, else there is none afterwards.
    void move(Move move, bool select);
    void place(std::size_t byte, bool select);
    void select_all();

    // Bytes, always between two characters.
    std::size_t cursor() const noexcept { return cursor_; }
    std::pair<std::size_t, std::size_t> selection() const noexcept;
    std::string selected() const;

private:
    std::size_t target(Move move) const;
    std::size_t before(std::size_t byte) const;
    std::size_t after(std::size_t byte) const;

    const std::size_t most_bytes_;
    std::string text_;
    std::size_t cursor_ = 0;
    std::size_t anchor_ = 0;
};

}  // namespace bandmate
