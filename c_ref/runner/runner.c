#include "runner.h"

#include "environment.h"
#include "execute.h"
#include "packet.h"
#include "platform.h"
#include "reply.h"

int runner_serve(void)
{
    for (;;) {
        struct message m = {.length = 0};
        struct plan plan;
        uint32_t words = 0;
        enum packet packet = packet_read(&words, &m);
        if (packet == PACKET_NONE)
            return 0;
        reply_begin();
        if (packet == PACKET_READY && plan_load(&plan, words, &m) &&
            environment_check(plan.cores, &m))
            execute(&plan);
        else
            reply_error(&m, -1);
        reply_end();
        if (packet == PACKET_LOST) {
            platform_log(m.text);
            return 1;
        }
    }
}
