/* ui/state.c - the first state of the screen. */
#include "ui/state.h"

#include <string.h>

void ui_state_init(struct ui_state *ui) {
    memset(ui, 0, sizeof *ui);
    for (uint32_t v = 0; v < UI_MAX_VIEWS; v++)
        for (uint32_t p = 0; p < UI_MAX_PANES; p++)
            ui->tables[v][p].sort_column = -1;
    for (int i = 0; i < SERVICE_COUNT; i++)
        ui->held_order[i] = (enum service)i;
    ui->link_rtt_ms = -1;
}

struct table_state *ui_table(struct ui_state *ui, uint32_t pane) {
    return &ui->tables[ui->view % UI_MAX_VIEWS][pane % UI_MAX_PANES];
}
