/* make_probe -- prints the C source of what the stemmers' probe gives (text/stem.h), for a program
 * into which the same stemmers are linked: run by the Makefile. */
#include <inttypes.h>
#include <stdio.h>

#include "text/stem.h"

int main(void)
{
    uint64_t probe = stemmers_probe();

    if (probe == 0)
        return 1;
    (void)printf("#include <stdint.h>\n"
                 "extern const uint64_t stemmers_probed;\n"
                 "const uint64_t stemmers_probed = UINT64_C(%" PRIu64 ");\n",
                 probe);
    return 0;
}
