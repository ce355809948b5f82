/* Configuration, clock and log. */
#include "bandstand.h"
#include "wasi.h"

bool bs_config(bs_text name, bs_text *value) {
  struct { uint8_t failed; wasi_optional_text text; } result;
  wasi_config_get(name.data, name.size, &result);
  if (result.failed || !result.text.some) return false;
  *value = (bs_text){result.text.data, result.text.size};
  return true;
}

uint64_t bs_now(void) {
  struct { uint64_t seconds; uint32_t nanoseconds; } now;
  wasi_wall_clock_now(&now);
  return now.seconds;
}

void bs_log(bs_text line) {
  bs_writer log = {0, wasi_stderr()};
  if (bs_write(&log, line)) bs_write(&log, BS_TEXT("\n"));
  wasi_output_drop(log.stream);
}
