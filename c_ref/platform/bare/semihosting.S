/* uint32_t semihosting(uint32_t operation, const void *block); these three instructions are the
 * call, uncompressed and on one page. */
.option norvc
.section .text
.global semihosting
.balign 16
semihosting:
    slli zero, zero, 0x1f
    ebreak
    srai zero, zero, 7
    ret
