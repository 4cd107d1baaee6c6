/* model/tables.c - the list of tables.h, in the runbook's order. */
#include "model/tables.h"

const char *const platform_tables[PLATFORM_TABLES] = {
    "User",
    "RefreshToken",
    "OAuthAccount",
    "Agent",
    "Property",
    "PropertyMedia",
    "Listing",
    "SavedSearch",
    "Transaction",
    "Inquiry",
    "Lead",
    "Payment",
    "Plan",
    "Subscription",
    "UsageRecord",
    "Valuation",
    "MarketIndex",
    "NotificationLog",
    "NotificationPreference",
    "AdminAuditLog",
    "Review",
    "_prisma_migrations",
};
