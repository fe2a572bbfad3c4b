#include "text/properties.h"

#include "unicode_tables.h"
