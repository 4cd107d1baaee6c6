/* sandbox/traffic.c - makes the platform live. Three threads: the pulse (figures and log lines, no
 * I/O), the work (queries and cache keys), and the indexer that keeps the search index in step with
 * the database. All of them outlive any server they talk to. */
#include "traffic_priv.h"

#include <pthread.h>

static struct {
    pthread_t pulse, work, index;
    bool pulse_on, work_on, index_on;
} traffic;

bool traffic_start(void) {
    const struct platform *p = standins_platform();
    if (p->port[SB_LOKI]) {
        pulse_history();
    }
    if (!p->port[SB_API]) {
        return true;
    }
    traffic.pulse_on = pthread_create(&traffic.pulse, NULL, pulse_main, NULL) == 0;
    traffic.work_on = pthread_create(&traffic.work, NULL, work_main, NULL) == 0;
    if (p->port[SB_TYPESENSE] && p->port[SB_POSTGRES]) {
        traffic.index_on = pthread_create(&traffic.index, NULL, index_main, NULL) == 0;
    }
    return traffic.pulse_on && traffic.work_on;
}

bool traffic_settled(void) {
    return !traffic.index_on || index_is_whole();
}

void traffic_stop(void) {
    if (traffic.pulse_on) {
        pthread_join(traffic.pulse, NULL);
    }
    if (traffic.work_on) {
        pthread_join(traffic.work, NULL);
    }
    if (traffic.index_on) {
        pthread_join(traffic.index, NULL);
    }
    traffic.pulse_on = traffic.work_on = traffic.index_on = false;
}
