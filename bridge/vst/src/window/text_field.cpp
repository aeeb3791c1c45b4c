#include "text_field.hpp"

#include <algorithm>

namespace bandmate {
namespace {

bool continues(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The bytes of the character that begins there; 0 for what begins none.
std::size_t character_bytes(const std::string& text, std::size_t at)
{
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3
        : first >= 0xF0 && first < 0xF5                                       ? 4
                                                                              : 0;
    if (size == 0 || at + size > text.size())
        return 0;
    for (std::size_t i = 1; i < size; ++i)
        if (!continues(text[at + i]))
            return 0;
    const unsigned char second = size > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
    // Longer than need be, halves of UTF-16 pairs, and past the last character.
    const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0)
        || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
    return wrong ? 0 : size;
}

std::string one_line(const std::string& text)
{
    std::string line;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = character_bytes(text, i);
        if (size == 1 && (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F))
            line += ' ';
        else
            line.append(text, i, size);
        i += std::max<std::size_t>(size, 1);
    }
    return line;
}

}  // namespace

void TextField::set(const std::string& text)
{
    text_.clear();
    cursor_ = anchor_ = 0;
    insert(text);
}

std::pair<std::size_t, std::size_t> TextField::selection() const noexcept
{
    return {std::min(cursor_, anchor_), std::max(cursor_, anchor_)};
}

std::string TextField::selected() const
{
    const auto [from, to] = selection();
    return text_.substr(from, to - from);
}

void TextField::insert(const std::string& text)
{
    const auto [from, to] = selection();
    text_.erase(from, to - from);
    std::string line = one_line(text);
    std::size_t room = most_bytes_ - std::min(most_bytes_, text_.size());
    if (line.size() > room) {
        while (room > 0 && continues(line[room]))
            --room;
        line.resize(room);
    }
    text_.insert(from, line);
    cursor_ = anchor_ = from + line.size();
}

void TextField::erase(Move move)
{
    if (cursor_ == anchor_)
        anchor_ = target(move);
    insert("");
}

void TextField::move(Move move, bool select)
{
    const auto [from, to] = selection();
    if (!select && from != to && (move == Move::left || move == Move::right))
        return place(move == Move::left ? from : to, false);
    place(target(move), select);
}

void TextField::place(std::size_t byte, bool select)
{
    cursor_ = std::min(byte, text_.size());
    while (cursor_ > 0 && cursor_ < text_.size() && continues(text_[cursor_]))
        --cursor_;
    if (!select)
        anchor_ = cursor_;
}

void TextField::select_all()
{
    anchor_ = 0;
    cursor_ = text_.size();
}

std::size_t TextField::before(std::size_t byte) const
{
    while (byte > 0 && continues(text_[--byte]))
        ;
    return byte;
}

std::size_t TextField::after(std::size_t byte) const
{
    if (byte < text_.size())
        ++byte;
    while (byte < text_.size() && continues(text_[byte]))
        ++byte;
    return byte;
}

std::size_t TextField::target(Move move) const
{
    std::size_t at = cursor_;
    switch (move) {
    case Move::left:
        return before(at);
    case Move::right:
        return after(at);
    case Move::word_left:
        while (at > 0 && text_[at - 1] == ' ')
            --at;
        while (at > 0 && text_[at - 1] != ' ')
            --at;
        return at;
    case Move::word_right:
        while (at < text_.size() && text_[at] != ' ')
            ++at;
        while (at < text_.size() && text_[at] == ' ')
            ++at;
        return at;
    case Move::start:
        return 0;
    case Move::end:
        return text_.size();
    }
    return at;
}

}  // namespace bandmate
