// DPF's side of the window in a format.
#include <DistrhoUIMain.cpp>
