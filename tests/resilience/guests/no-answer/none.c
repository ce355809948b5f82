// Returns without having answered.
#include <bandstand.h>

void handle(bs_request request) {}
