// The window as DPF sees it: events in, the desk's view drawn.
#include <DistrhoPlugin.hpp>
#include <DistrhoUI.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "../desk.hpp"
#include "board.hpp"
#include "drag_out.hpp"
#include "key_focus.hpp"
#include "painter.hpp"
#include "reveal.hpp"

START_NAMESPACE_DISTRHO

// Of this folder's own sources; DPF's class declarations are the public interface.
using namespace bandmate;

namespace {

// Hosts tick 60 times a second, and not to the millisecond; some tick far more often.
constexpr auto frame_time = std::chrono::milliseconds(8);

}  // namespace

class BandmateWindow : public UI {
public:
    BandmateWindow() : UI(usual_width, usual_height)
    {
        Desk* const desk = desk_of(getPluginInstancePointer());
        if (desk == nullptr)
            return;
        board_ = std::make_unique<Board>(*desk);
        const Sheet& sheet = board_->sheet;
        const double scale = kept_scale(getScaleFactor());
        setSize(sheet.width > 0 ? sheet.width : static_cast<uint>(usual_width * scale),
                sheet.height > 0 ? sheet.height : static_cast<uint>(usual_height * scale));
    }

    ~BandmateWindow() override
    {
        if (board_)
            board_->keep();
    }

protected:
    void parameterChanged(uint32_t, float) override {}
    void stateChanged(const char*, const char*) override {}

    void onResize(const ResizeEvent& event) override
    {
        UI::onResize(event);
        // A host may make it one pixel for a moment; a song does not keep that.
        if (board_ && event.size.getWidth() >= 64 && event.size.getHeight() >= 64) {
            board_->sheet.width = event.size.getWidth();
            board_->sheet.height = event.size.getHeight();
            board_->keep();
        }
    }

    void onCairoDisplay(const CairoGraphicsContext& context) override
    {
        if (!board_)
            return;
        cairo_t* const cairo = context.handle;
        const double scale = kept_scale(getScaleFactor());
        cairo_save(cairo);
        cairo_scale(cairo, scale, scale);
        Painter(cairo).draw({layout(), board_->view(), board_->sheet, board_->prompt, typing_, board_->peaks(), board_->note},
                            getWidth() / scale, getHeight() / scale);
        cairo_restore(cairo);
    }

    void uiIdle() override
    {
        const auto now = std::chrono::steady_clock::now();
        if (!board_ || now - looked_ < frame_time)
            return;
        looked_ = now;
        if (drag_out_)
            drag_out_->answer();
        if (board_->look())
            repaint();
    }

    bool onMouse(const MouseEvent& event) override
    {
        if (!board_ || event.button != kMouseButtonLeft)
            return false;
        if (!event.press) {
            board_->release();
            if (drag_out_)
                drag_out_->drop();
            return true;
        }
        const double scale = kept_scale(getScaleFactor());
        const double x = event.pos.getX() / scale;
        const Layout there = layout();
        const double y = event.pos.getY() / scale;
        const Target target = target_at(there, x, y);
        type(target.what == Target::What::prompt);
        if (typing_)
            board_->prompt.place(byte_at(there.prompt, x), (event.mod & kModifierShift) != 0);
        board_->press(target, there, x, y);
        if (target.what == Target::What::reveal)
            reveal();
        repaint();
        return true;
    }

    bool onMotion(const MotionEvent& event) override
    {
        if (!board_)
            return false;
        if (drag_out_ && drag_out_->dragging()) {
            drag_out_->move();
            return true;
        }
        const double scale = kept_scale(getScaleFactor());
        const double x = event.pos.getX() / scale;
        if (board_->drag(layout(), x))
            repaint();
        const std::vector<std::string> files = board_->pull(x, event.pos.getY() / scale);
        if (!files.empty()) {
            if (!drag_out_)
                drag_out_ = std::make_unique<DragOut>();
            drag_out_->begin(files);
        }
        if (!board_->note.empty())
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
            board_->keep();
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
            board_->prompt.insert(event.string);
            board_->keep();
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

    Layout layout() const
    {
        const double scale = kept_scale(getScaleFactor());
        return board_->layout(getWidth() / scale, getHeight() / scale);
    }

    void reveal()
    {
        const std::string folder = board_->folder();
        if (open_folder(folder))
            return;
        getWindow().setClipboard("text/plain", folder.c_str(), folder.size() + 1);
        board_->note = "Nothing here opens folders; the path is on the clipboard: " + folder;
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
        const std::size_t byte = Painter::byte_at(cairo, field, board_->prompt, x);
        cairo_destroy(cairo);
        cairo_surface_destroy(surface);
        return byte;
    }

    void edit(const KeyboardEvent& event)
    {
        const bool shift = (event.mod & kModifierShift) != 0;
        const bool command = (event.mod & (kModifierControl | kModifierSuper)) != 0;
        TextField& prompt = board_->prompt;
        switch (event.key) {
        case kKeyBackspace:
            return prompt.erase(command ? Move::word_left : Move::left);
        case kKeyDelete:
            return prompt.erase(command ? Move::word_right : Move::right);
        case kKeyLeft:
            return prompt.move(command ? Move::word_left : Move::left, shift);
        case kKeyRight:
            return prompt.move(command ? Move::word_right : Move::right, shift);
        case kKeyHome:
            return prompt.move(Move::start, shift);
        case kKeyEnd:
            return prompt.move(Move::end, shift);
        case kKeyEscape:
            return type(false);
        case '\r':
            type(false);
            return board_->start();
        default:
            if (command)
                shortcut(event.key);
        }
    }

    void shortcut(uint key)
    {
        if (key == 'a')
            board_->prompt.select_all();
        if (key == 'v') {
            std::size_t size = 0;
            const void* const data = getWindow().getClipboard(size);
            if (data != nullptr)
                board_->prompt.insert(std::string(static_cast<const char*>(data), size));
        }
        if ((key == 'c' || key == 'x') && !board_->prompt.selected().empty()) {
            const std::string words = board_->prompt.selected();
            getWindow().setClipboard("text/plain", words.c_str(), words.size() + 1);
            if (key == 'x')
                board_->prompt.erase(Move::left);
        }
    }

    // None where the host is in another process than the instance.
    std::unique_ptr<Board> board_;
    std::unique_ptr<KeyFocus> focus_;
    std::unique_ptr<DragOut> drag_out_;
    bool typing_ = false;
    std::chrono::steady_clock::time_point looked_{};

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(BandmateWindow)
};

UI* createUI()
{
    return new BandmateWindow();
}

END_NAMESPACE_DISTRHO
