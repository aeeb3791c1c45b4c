// What DPF has to know at compile time.
#pragma once

#define DISTRHO_PLUGIN_BRAND "Bandmate"
#define DISTRHO_PLUGIN_NAME "Bandmate"
#define DISTRHO_PLUGIN_URI "urn:bandmate:plugin"
#define DISTRHO_PLUGIN_CLAP_ID "bandmate.plugin"
#ifdef BANDMATE_WINDOW
#define DISTRHO_PLUGIN_HAS_UI 1
// The window looks into the instance itself: stems are not copied through the host. In LV2 this needs a host with
// instance-access; others show their own controls.
#define DISTRHO_PLUGIN_WANT_DIRECT_ACCESS 1
#define DISTRHO_UI_USER_RESIZABLE 1
#define DISTRHO_UI_USE_CAIRO 1
#define DISTRHO_UI_URI "urn:bandmate:plugin#window"
#else
#define DISTRHO_PLUGIN_HAS_UI 0
#endif
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_NUM_INPUTS 2
#define DISTRHO_PLUGIN_NUM_OUTPUTS 16
#define DISTRHO_PLUGIN_WANT_STATE 1
#define DISTRHO_PLUGIN_WANT_FULL_STATE 1
#define DISTRHO_PLUGIN_WANT_TIMEPOS 1
#define DISTRHO_PLUGIN_LV2_CATEGORY "lv2:UtilityPlugin"
#define DISTRHO_PLUGIN_VST3_CATEGORIES "Fx|Generator"
#define DISTRHO_PLUGIN_CLAP_FEATURES "audio-effect", "utility"
