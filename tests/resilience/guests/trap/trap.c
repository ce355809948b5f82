// Runs into `unreachable` before it answers.
#include <bandstand.h>

void handle(bs_request request) { __builtin_trap(); }
