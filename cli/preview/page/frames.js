/**
 * The mail in its two frames. A new one is drawn behind the old and takes its place when it is whole, so that nothing
 * flickers while somebody writes; each is as high as its mail and made smaller where the window is narrow.
 */

function resize(holder) {
  const frame = holder.querySelector('iframe:not(.coming)')
  const height = frame?.contentDocument?.documentElement.scrollHeight
  if (!height) return
  const width = Number(holder.dataset.width)
  const scale = Math.min(1, holder.parentElement.clientWidth / width)
  frame.style.height = `${height}px`
  frame.style.transform = `scale(${scale})`
  holder.style.width = `${width * scale}px`
  holder.style.height = `${height * scale}px`
}

/** Shows the mail at `address` in both frames. */
export function drawFrames(address, subject) {
  for (const holder of document.querySelectorAll('.holder')) {
    const { width } = holder.dataset
    const frame = document.createElement('iframe')
    frame.title = `${subject}, ${width} pixels wide`
    frame.width = width
    frame.setAttribute('sandbox', 'allow-same-origin allow-popups allow-popups-to-escape-sandbox')
    frame.className = 'coming'
    frame.addEventListener('load', () => {
      frame.style.height = '0'
      // older ones only: what was chosen since comes behind it and is yet to be drawn
      while (frame.previousElementSibling) frame.previousElementSibling.remove()
      frame.className = ''
      resize(holder)
    })
    frame.src = address
    holder.append(frame)
  }
}

addEventListener('resize', () => {
  for (const holder of document.querySelectorAll('.holder')) resize(holder)
})
