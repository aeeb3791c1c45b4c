// The window as DPF sees it: events in, the desk's view drawn.
#include <DistrhoPlugin.hpp>
#include <DistrhoUI.hpp>

#include <chrono>
#include <memory>
#include <vector>

#include "../desk.hpp"
#include "../parameters.hpp"
#include "key_focus.hpp"
#include "layout.hpp"
#include "painter.hpp"
#include "text_field.hpp"

START_NAMESPACE_DISTRHO

// Of this folder's own sources; DPF's class declarations are the public interface.
using namespace bandmate;

namespace {

// Below the 10 000 characters that the server takes, whatever the script.
constexpr std::size_t most_prompt_bytes = 4096;
constexpr auto frame_time = std::chrono::milliseconds(33);
// What is looked at of each stem for one frame; an open song's waveforms appear within a second.
constexpr std::int64_t peak_frames = 200'000;

// All that a picture of the view depends on but the stems' audio.
bool same(const DeskView& a, const DeskView& b)
{
    return a.standing.status == b.standing.status && a.standing.sentence == b.standing.sentence && a.busy == b.busy
        && standing_words(a.standing) == standing_words(b.standing) && time_words(a) == time_words(b)
        && a.stems.size() == b.stems.size();
}

}  // namespace

class BandmateWindow : public UI {
public:
    BandmateWindow() : UI(usual_width, usual_height), desk_(desk_of(getPluginInstancePointer()))
    {
        if (desk_ == nullptr)
            return;
        sheet_ = desk_->sheet();
        prompt_.set(sheet_.prompt);
        const double scale = kept_scale(getScaleFactor());
        setSize(sheet_.width > 0 ? sheet_.width : static_cast<uint>(usual_width * scale),
                sheet_.height > 0 ? sheet_.height : static_cast<uint>(usual_height * scale));
        desk_->look(view_);
    }

    ~BandmateWindow() override { keep(); }

protected:
    void parameterChanged(uint32_t, float) override {}
    void stateChanged(const char*, const char*) override {}

    void onResize(const ResizeEvent& event) override
    {
        UI::onResize(event);
        // A host may make it one pixel for a moment; a song does not keep that.
        if (desk_ != nullptr && event.size.getWidth() >= 64 && event.size.getHeight() >= 64) {
            sheet_.width = event.size.getWidth();
            sheet_.height = event.size.getHeight();
            keep();
        }
    }

    void onCairoDisplay(const CairoGraphicsContext& context) override
    {
        cairo_t* const cairo = context.handle;
        const double scale = kept_scale(getScaleFactor());
        const double width = getWidth() / scale;
        const double height = getHeight() / scale;
        cairo_save(cairo);
        cairo_scale(cairo, scale, scale);
        const Layout layout = arrange(width, height, task_titles.size(), view_.stems.size());
        Painter(cairo).draw({layout, view_, sheet_, prompt_, typing_, peaks_}, width, height);
        cairo_restore(cairo);
    }

    void uiIdle() override
    {
        const auto now = std::chrono::steady_clock::now();
        if (desk_ == nullptr || now - looked_ < frame_time)
            return;
        looked_ = now;
        DeskView view = view_;
        bool changed = desk_->look(view) && !same(view, view_);
        view_ = std::move(view);
        peaks_.resize(view_.stems.size());
        for (std::size_t i = 0; i < peaks_.size(); ++i)
            changed = peaks_[i].follow(view_.stems[i].clip, peak_frames) || changed;
        if (changed)
            repaint();
    }

    bool onMouse(const MouseEvent& event) override
    {
        if (desk_ == nullptr || event.button != kMouseButtonLeft || !event.press)
            return false;
        const double scale = kept_scale(getScaleFactor());
        const double x = event.pos.getX() / scale;
        const double y = event.pos.getY() / scale;
        const Layout layout =
            arrange(getWidth() / scale, getHeight() / scale, task_titles.size(), view_.stems.size());
        type(layout.prompt.has(x, y));
        if (typing_)
            prompt_.place(byte_at(layout.prompt, x), (event.mod & kModifierShift) != 0);
        for (std::size_t i = 0; i < layout.tasks.size(); ++i)
            if (layout.tasks[i].has(x, y))
                sheet_.task = static_cast<unsigned>(i);
        keep();
        if (layout.start.has(x, y))
            desk_->press(sheet_.task);
        if (layout.cancel.has(x, y))
            desk_->press(cancel);
        repaint();
        return true;
    }

    bool onKeyboard(const KeyboardEvent& event) override
    {
        if (!typing_) {
            // The pointer led it here, and it is the host's.
            if (focus_)
                focus_->pass_on(event.press, event.keycode, event.mod);
            return false;
        }
        if (event.press) {
            edit(event);
            keep();
            repaint();
        }
        return true;
    }

    bool onCharacterInput(const CharacterInputEvent& event) override
    {
        if (!typing_)
            return false;
        const bool command = (event.mod & (kModifierControl | kModifierSuper)) != 0;
        if (!command && event.character >= 0x20 && event.character != 0x7F) {
            prompt_.insert(event.string);
            keep();
            repaint();
        }
        return true;
    }

    void uiFocus(bool focus, CrossingMode) override
    {
        if (!focus && typing_) {
            typing_ = false;
            repaint();
        }
    }

private:
    static Desk* desk_of(void* instance)
    {
        auto* const plugin = dynamic_cast<HasDesk*>(static_cast<Plugin*>(instance));
        return plugin == nullptr ? nullptr : &plugin->desk();
    }

    void keep()
    {
        if (desk_ == nullptr)
            return;
        sheet_.prompt = prompt_.text();
        desk_->keep(sheet_);
    }

    void type(bool wanted)
    {
        if (!focus_)
            focus_ = std::make_unique<KeyFocus>(getWindow().getNativeWindowHandle());
        if (wanted)
            focus_->take();
        else
            focus_->release();
        typing_ = wanted;
    }

    std::size_t byte_at(const Rect& field, double x)
    {
        cairo_surface_t* const surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
        cairo_t* const cairo = cairo_create(surface);
        const std::size_t byte = Painter::byte_at(cairo, field, prompt_, x);
        cairo_destroy(cairo);
        cairo_surface_destroy(surface);
        return byte;
    }

    void edit(const KeyboardEvent& event)
    {
        const bool shift = (event.mod & kModifierShift) != 0;
        const bool command = (event.mod & (kModifierControl | kModifierSuper)) != 0;
        switch (event.key) {
        case kKeyBackspace:
            return prompt_.erase(command ? Move::word_left : Move::left);
        case kKeyDelete:
            return prompt_.erase(command ? Move::word_right : Move::right);
        case kKeyLeft:
            return prompt_.move(command ? Move::word_left : Move::left, shift);
        case kKeyRight:
            return prompt_.move(command ? Move::word_right : Move::right, shift);
        case kKeyHome:
            return prompt_.move(Move::start, shift);
        case kKeyEnd:
            return prompt_.move(Move::end, shift);
        case kKeyEscape:
            return type(false);
        case '\r':
            keep();
            type(false);
            return desk_->press(sheet_.task);
        default:
            if (command)
                shortcut(event.key);
        }
    }

    void shortcut(uint key)
    {
        if (key == 'a')
            prompt_.select_all();
        if (key == 'v') {
            std::size_t size = 0;
            const void* const data = getWindow().getClipboard(size);
            if (data != nullptr)
                prompt_.insert(std::string(static_cast<const char*>(data), size));
        }
        if ((key == 'c' || key == 'x') && !prompt_.selected().empty()) {
            const std::string words = prompt_.selected();
            getWindow().setClipboard("text/plain", words.c_str(), words.size() + 1);
            if (key == 'x')
                prompt_.erase(Move::left);
        }
    }

    Desk* const desk_;
    Sheet sheet_;
    DeskView view_;
    TextField prompt_{most_prompt_bytes};
    std::vector<Peaks> peaks_;
    std::unique_ptr<KeyFocus> focus_;
    bool typing_ = false;
    std::chrono::steady_clock::time_point looked_{};

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(BandmateWindow)
};

UI* createUI()
{
    return new BandmateWindow();
}

END_NAMESPACE_DISTRHO
