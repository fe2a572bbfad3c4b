/* lede-index: makes and looks after a full-text index of articles. */
#include <errno.h>
#include <stdio.h>

#include "command/command.h"
#include "command/help.h"
#include "index/store.h"

static const struct {
    enum subcommand subcommand;
    int (*run)(const struct options *options);
} COMMANDS[] = {
    {SUBCOMMAND_ADD, command_add},
    {SUBCOMMAND_SYNC, command_sync},
    {SUBCOMMAND_RM, command_rm},
    {SUBCOMMAND_STATS, command_stats},
    {SUBCOMMAND_SHOW, command_show},
    {SUBCOMMAND_ANALYZE, command_analyze},
    {SUBCOMMAND_SPLIT, command_split},
    {SUBCOMMAND_VERIFY, command_verify},
    {SUBCOMMAND_EXPORT, command_export},
    {SUBCOMMAND_COMPACT, command_compact},
    {SUBCOMMAND_SNAPSHOT, command_snapshot},
    {SUBCOMMAND_MERGE, command_merge},
};

static int run(const struct options *options)
{
    struct lede_error error;

    if (options->version) {
        (void)printf("lede-index %s\n", lede_version());
        return EXIT_DONE;
    }
    if (options->help) {
        (void)fputs(help_text(options->subcommand), stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (COMMANDS[i].subcommand == options->subcommand)
            return COMMANDS[i].run(options);
    (void)error_set(&error, LEDE_INVALID, "%s is not part of this program",
                    options_subcommand_name(options->subcommand));
    return command_fail(&error);
}

int main(int argc, char **argv)
{
    struct options options;
    struct lede_error error;
    int code;

    command_take_closed();
    command_catch_damage("lede-index", store_maps);
    store_on_assert(command_end_damaged);
    if (options_parse(argc, argv, &options, &error) != LEDE_OK)
        code = command_fail(&error);
    else
        code = run(&options);
    options_free(&options);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code <= EXIT_SKIPPED) {
        (void)error_set(&error, LEDE_IO, "standard output: %s", strerror(errno));
        code = command_fail(&error);
    }
    return code;
}
