#include "command/json_memory.h"

#include "base/account.h"
#include "html/reserve.h"

struct account *json_memory(void)
{
    return reserve_json_account();
}

void json_memory_bound(size_t most)
{
    json_memory()->limit = most;
}

bool json_memory_is_short(void)
{
    const struct account *account = json_memory();

    return reserve_json_was_refused() ||
           (account->limit > 0 && account_left(account) < account->limit / 2);
}
