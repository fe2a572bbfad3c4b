/* near_copy.h -- what makes two articles copies of each other, by their columns alone. */
#ifndef LEDE_INDEXER_NEAR_COPY_H
#define LEDE_INDEXER_NEAR_COPY_H

#include "index/column.h"
#include "text/signature.h"

/* COLUMN_SIGNATURE of an article whose terms are in signature. */
static inline int64_t near_copy_column(const struct signature *signature)
{
    uint64_t value;

    return signature_value(signature, &value) ? (int64_t)value : COLUMN_MISSING;
}

#endif
