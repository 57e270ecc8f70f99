// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title WOPEN: the gas token of a chain whose gas is OPEN, as an ERC-20
/// @notice One for one, with no owner. Functions and events are WETH9's, so what works with WETH9 works with it; permits and
/// transfers by signature (IOpenToken) are OPEN's.
/// @dev Trusts nobody: whoever is paid by `withdraw` may call back, and finds its tokens burnt.
interface IWrappedOpen {
    /// @notice Gas token came in and WOPEN was minted.
    event Deposit(address indexed dst, uint256 wad);
    /// @notice WOPEN was burnt and gas token paid out.
    event Withdrawal(address indexed src, uint256 wad);

    /// @notice The account that withdraws does not take the payment.
    error WrappedOpenNotTaken(address to, uint256 amountWei);

    /// @notice Mints what is sent to the sender. Sending without data does the same.
    function deposit() external payable;

    /// @notice Burns the sender's WOPEN and pays it in gas token.
    function withdraw(uint256 amountWei) external;
}
